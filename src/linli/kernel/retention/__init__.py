"""How long the house keeps what it does not need for ever, and the work that lets it go.

@retention.rule("cases.contacts", _("上报人联系方式"), days=400, least=30)
def _contacts(before, most): …          # forgets at most `most` rows from before that moment, returns how many

An operator sees and changes the days; each run that forgot something stands in the journal with its count.
"""

from linli.kernel.retention.registry import Rule, all_rules, rule

__all__ = ["Rule", "all_rules", "rule"]
