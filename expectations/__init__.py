"""What must hold of the data: contracts and business rules as Great Expectations' expectations, and their findings."""
