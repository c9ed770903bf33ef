"""What every module of the project says, linked into one program that can be asked."""
