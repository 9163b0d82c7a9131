"""PostgreSQL, the only database: a private cluster in the home folder, or a server somebody else runs.

`Cluster` starts, shares, recovers and stops the private one; `outside` checks a server named by
DATABASE_URL. Nothing here knows Django.
"""

from linli.kernel.database.address import Address
from linli.kernel.database.cluster import Cluster, DatabaseTrouble, Lease

__all__ = ["Address", "Cluster", "DatabaseTrouble", "Lease"]
