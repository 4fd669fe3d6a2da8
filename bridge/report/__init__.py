"""The report: recorded traffic as one web page that needs nothing else."""
