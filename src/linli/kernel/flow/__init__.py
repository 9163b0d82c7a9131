"""Life cycles as data.

One table of states and steps is the code that runs, the document that is printed and the oracle of the tests.
A room writes its table once (`Flow(...)`, checked when the module is imported) and asks:

- `offers(flow, state, context)`: the next steps of this viewer, and why the others are not possible;
- `require(flow, state, step_code, context, given)`: the step, or the refusal that tells what is missing.

`flow.diagram.render` draws the table, `flow.oracle` walks it in tests. Nothing here reads a database or a
clock.
"""

from linli.kernel.flow.offers import Judgements, Offer, Verdict, offers, require
from linli.kernel.flow.registry import publish, published
from linli.kernel.flow.table import START, STAY, Field, Flow, FlowError, State, Step, say

__all__ = [
    "START",
    "STAY",
    "Field",
    "Flow",
    "FlowError",
    "Judgements",
    "Offer",
    "State",
    "Step",
    "Verdict",
    "offers",
    "publish",
    "published",
    "require",
    "say",
]
