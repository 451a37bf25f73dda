"""The WeCom app: what dealer staff send and what they are shown."""
