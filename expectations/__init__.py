"""What must hold of the data: contracts and business rules as Great Expectations' expectations, and their findings."""

from expectations import seldom_used

seldom_used.put_off()
