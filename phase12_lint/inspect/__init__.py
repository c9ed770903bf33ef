"""The rules' view of single places, over libcst trees of the statements that hold something governed."""
