"""The WeChat platform itself: envelope, XML, error table, tokens and clients of both channels."""
