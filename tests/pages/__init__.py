"""Compare every page before and after a change of templates.

    python -m tests.pages furnish SCENE          one database with an example of everything, at a fixed moment
    python -m tests.pages dump SCENE DIR         every page as every kind of person, in three languages,
    one file each
    python -m tests.pages compare BEFORE AFTER   what differs, equal differences counted once; exit
    status 1 if anything does

Only `furnish` imports modules of the project. `dump` asks Django alone, so this folder can be copied over an
older or a newer commit and both can be dumped from the same SCENE.
"""
