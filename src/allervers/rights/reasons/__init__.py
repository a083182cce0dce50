"""Why a right is open or not, in one to four plain sentences: tables of French words over values of the law.

A file a right. `[[no]]` and `[[yes]]` tables, tried in their order: a zero has the first whose conditions hold, an
amount all of those whose conditions hold. table.py tells what they may say.
"""
