"""What was asked and received -> its account, kept, and an archive to compute it again from."""
