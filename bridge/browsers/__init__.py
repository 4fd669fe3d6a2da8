"""The browsers: finding one, planning its launch, and driving what only its own debugging protocol can do."""
