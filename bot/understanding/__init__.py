"""From Chinese sentences to intents, results and slots, with a grammar over word lists."""
