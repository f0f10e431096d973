"""Articles: text, a web page or an address -> title, publisher, publication time, dated statements, drafts of events.

reading    bytes or text -> Article                     extract    a web page's text and metadata, in a process of its own
fetch      an address -> bytes, from public hosts only
grammar    a table of rules laid over sentences         vietnamese, english, resolvers, periods: the tables and what they mean
vocabulary names of companies, words of kinds of news   drafts     statements -> drafts of events
"""
