"""WeCom (企业微信): the app's APIs, cards and what members do on their phones."""
