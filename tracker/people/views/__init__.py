"""People, roles and organisations; removing words for good; and who covers for whom."""
