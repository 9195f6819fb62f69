"""What happens because time passed: the timetable, and the delivery of the outbox. Processes of their own."""
