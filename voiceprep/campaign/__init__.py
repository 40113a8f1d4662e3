"""Campaigns: lists of contacts, calling windows, plans, statistics. Values only."""
