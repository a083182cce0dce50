"""AllerVers: finds the social rights that people are entitled to and do not receive."""
