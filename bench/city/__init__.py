"""A town of any size, made in minutes, and what each way of using the house costs there (`make bench-city`)."""
