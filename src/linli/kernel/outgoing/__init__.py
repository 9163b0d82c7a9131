"""HTTP from the house to machines that somebody named in a form: webhooks, photo links, gateways.

`post` and `get` go nowhere but to public addresses, unless the operator allowed the host or net (`allowed`).
`sign` and `verify_signature` are the Standard Webhooks signature.
"""

from linli.kernel.outgoing.client import Answer, Fetched, Unreachable, check, get, post
from linli.kernel.outgoing.signing import BadSignature, new_secret, sign, verify_signature

__all__ = [
    "Answer",
    "BadSignature",
    "Fetched",
    "Unreachable",
    "check",
    "get",
    "new_secret",
    "post",
    "sign",
    "verify_signature",
]
