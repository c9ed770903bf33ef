"""The language server: the findings of ``check`` while one types, over standard input and output, with ``pygls``.

The protocol is answered in one thread, the event loop's; analyses run in another, one at a time, each of a whole
project with the unsaved texts of the editor instead of its files. The newest text wins: an analysis under way is given
up as soon as there is a newer one to make.

``server`` knows the protocol, ``projects`` which project an editor's file is of and when it is analysed, ``analyst``
what is found there, and the others how one thing is told: ``diagnostics``, ``hovers``, ``actions``. Only ``server``,
``projects`` and these three know ``pygls`` and its types; nothing outside of this package imports any of it but the
command ``lsp``.
"""
