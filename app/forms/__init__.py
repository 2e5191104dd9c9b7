"""What candidates and visitors type: one form per page, and the fields they share."""
