"""The auditor's room: the audit's events to search and to look at, and its chain to verify.

It stands above the furniture, which itself records events; the events and their chain are kept by
``huiyin.audit``, below everything.
"""
