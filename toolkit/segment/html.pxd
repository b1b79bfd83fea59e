# C types for html.py where it is compiled (hatch_build.py). They change nothing but speed: without them the walk takes
# a sixth longer. Names with a type here are not in the compiled module's namespace.
cimport cython

cdef long BLOCK, BREAK, CUSTOM, FIELD, LINK, MUTE, PICTURE, SELECT, SKIP, PREFORMATTED
cdef long AS_BLOCK, AS_WORD, BOX_ASIDE, REPEATS
cdef long NAMES, PATH
cdef long _HREF, _PICTURED, _UNSHARED, _STANDARD, _TEXT, _TEMPLATE, _FORMULA
cdef long _INLINE, _BLOCK, _ASIDE, _LINES, _MARKED, _LINK, _CUSTOM

@cython.locals(
    blocky=cython.bint, breaks=cython.long, context=cython.long, count=cython.long, first=cython.long,
    flags=cython.long, inner=cython.long, kind=cython.long, last=cython.long, left_at=cython.long, linked=cython.long,
    mode=cython.long, more=cython.long, nodes=cython.long, number=cython.long, picture=cython.bint, place=cython.long,
    seam_at=cython.long, unordered=cython.bint,
)
cpdef tuple _rows(object node, tuple here, object is_moved)
