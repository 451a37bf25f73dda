"""Channels and conversation: talks WeChat and WeCom, understands Chinese, answers."""
