"""What every room's pages are furnished with: tables, forms, exchange with Excel, uploads, jobs.

Stands above ``audit`` and below ``territory``, because every room uses it and it knows none. The
layout, the home page and the style page are in ``site``.
"""
