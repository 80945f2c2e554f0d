"""Which texts are worth holding side by side: those that share some of their rarest pieces.

Every text is known by the few of its pieces whose hashes are smallest, so that 17,000 texts are compared with each
other without looking at each pair. The hashes of all texts are made, sorted and matched as columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]

_PIECE = (
    6  # characters in a piece: of four, made-up reports of few words shared nearly all, and 18 % of copies were missed
)
_SKETCH = 24  # pieces a text is known by: two texts nine tenths alike share a good third of them
_SHARED = 2  # pieces two texts must share to be held side by side
MANY = 60  # holders of a piece up to which each is held against each; beyond, against the next few
_NEIGHBOURS = 3
_SLAB = 1_000  # texts whose pieces are in memory at a time
_BITS = 40  # of a hash; what is left of 64 tells which text of a slab has it
_ODD = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplier for 64 bits: its products differ in their upper bits
_NONE = np.uint64(1 << _BITS)  # where a short text has no more pieces; larger than any hash


def pairs_of_like(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of texts, by their places and in order, that may be alike; of very many, each with its neighbours only.

    Neighbours are those whose sketches begin alike: a form letter sent in by thousands costs no more than they.
    """
    if len(texts) < 2:
        return []
    slabs = (texts[start : start + _SLAB] for start in range(0, len(texts), _SLAB))
    sketches = np.concatenate([_sketches(slab) for slab in slabs])
    order = np.lexsort(sketches.T[::-1])
    pieces, holders = sketches[order].ravel(), np.repeat(order, _SKETCH)
    by_piece = np.argsort(pieces, kind="stable")
    pieces, holders = pieces[by_piece], holders[by_piece]
    _, first, count = np.unique(pieces, return_index=True, return_counts=True)
    several = np.repeat((count > 1) & (pieces[first] != _NONE), count)
    held_by = np.repeat(count, count)[several]
    return _shared(pieces[several], holders[several], held_by, len(texts))


def _sketches(texts: Sequence[str]) -> Numbers:
    """The smallest hashes of the pieces of each text, one row a text."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    owners = np.repeat(np.arange(len(texts), dtype=np.uint64), [len(text) for text in texts])
    hashes = np.zeros(max(len(codes) - _PIECE + 1, 0), np.uint64)
    for place in range(_PIECE):
        hashes = (hashes ^ codes[place : place + len(hashes)]) * _ODD
    within = owners[: len(hashes)] == owners[len(owners) - len(hashes) :]  # not from the end of one into the next
    keys = np.unique((owners[: len(hashes)][within] << _BITS) | (hashes[within] >> (64 - _BITS)))
    owner, hashes = (keys >> _BITS).astype(np.intp), keys & (_NONE - np.uint64(1))
    rank = np.arange(len(keys)) - np.searchsorted(owner, owner)
    sketches = np.full((len(texts), _SKETCH), _NONE)
    sketches[owner[rank < _SKETCH], rank[rank < _SKETCH]] = hashes[rank < _SKETCH]
    return sketches


def _shared(
    pieces: Numbers, holders: npt.NDArray[np.intp], held_by: npt.NDArray[np.intp], texts: int
) -> list[tuple[int, int]]:
    """The pairs of holders that share enough pieces; ``held_by`` says how many texts hold a piece."""
    found = []
    for ahead in range(1, MANY):
        near = (pieces[ahead:] == pieces[:-ahead]) & ((held_by[ahead:] <= MANY) | (ahead <= _NEIGHBOURS))
        one, other = holders[:-ahead][near], holders[ahead:][near]
        found.append(np.minimum(one, other) * texts + np.maximum(one, other))
        if not near.any() and ahead >= _NEIGHBOURS:
            break
    pairs, count = np.unique(np.concatenate(found), return_counts=True)
    enough = pairs[count >= _SHARED]
    return list(zip((enough // texts).tolist(), (enough % texts).tolist(), strict=True))
