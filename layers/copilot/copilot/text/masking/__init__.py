"""Secrets made unreadable before anything is stored, logged, shown or sent to a model.

Known by the formats of their issuers (`issuers`), by the names they stand under (`names`), and by where they stand:
keys, links, headers, commands, tables. What only looks like one stays as it is: references, names, digests, words.
"""

from copilot.text.masking.json_values import mask
from copilot.text.masking.names import is_secret_name
from copilot.text.masking.texts import is_secret, mask_text
from copilot.text.masking.values import MASK

__all__ = ["MASK", "is_secret", "is_secret_name", "mask", "mask_text"]
