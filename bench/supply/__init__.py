"""What Maskwise is made of besides its own code: locked versions, their licences, known faults in them."""
