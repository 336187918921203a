"""Processes: the embedded server, web and worker, and who watches over them."""
