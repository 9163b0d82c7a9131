"""A whole house in one file, and back: database, pictures, maps and, if wished, the keys.

The file is a plain tar archive (readable without Linli): `database.dump` (pg_dump's custom form), `files/…`,
`maps/…`, `home/…` (marks of the home folder), `secrets.json` (only with a passphrase), and at its end
`manifest.json`: sizes and SHA-256 of all members, the rows of each table, versions. A file without a manifest
was cut off. `take` writes it, `bring_back` reads it; both are used by the command line only.
"""
