"""People over time: tracking, votes, counting, alerts, door mode and live sessions."""
