"""Long work: a row a job, done by a worker, with progress, cancellation, retry, a lease and its reaper."""
