"""The browsers: finds one, plans its launch, and does what only its own debugging protocol can do."""
