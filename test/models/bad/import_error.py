"""Imports a package that nobody has."""

import a_package_that_does_not_exist  # noqa: F401
