"""Columns that only those with a purpose can read: AES-256-GCM, blind indexes for search, masks for display.

blob = seal.encrypt("13812345678", "cases_reporter:phone:17")     # table:column:row
seal.decrypt(blob, "cases_reporter:phone:17")
seal.blind_index("13812345678", "reporter phone")                  # finds equal values without decrypting
seal.mask_phone("13812345678")                                     # 138****5678
seal.reveal(blob, context, actor=…, purpose="call back about 20261122-00001")   # decrypts, and records
who
"""

from linli.kernel.seal.actions import reveal
from linli.kernel.seal.masks import mask_id, mask_name, mask_phone
from linli.kernel.seal.rules import CannotOpen, blind_index, decrypt, encrypt, key_version

__all__ = [
    "CannotOpen",
    "blind_index",
    "decrypt",
    "encrypt",
    "key_version",
    "mask_id",
    "mask_name",
    "mask_phone",
    "reveal",
]
