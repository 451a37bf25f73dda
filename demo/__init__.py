"""A small invented brand: two regions, four stores, thirteen people, fifteen car lines."""
