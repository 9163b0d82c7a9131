"""Who is told of what, through which channel and when: the inbox of every account, and the ways out of the house."""
