"""Whether an encrypted .xls opens in Excel without asking: with the password that "protect workbook" sets by itself.

The three ways in which such files are encrypted, as far as it takes to test a password (MS-OFFCRYPTO 2.3.5 to 2.3.7).
"""

from __future__ import annotations

import hashlib
import struct

_OPENS_BY_ITSELF = "VelvetSweatshop"
_OBFUSCATED = 0
_OF_EXCEL_5, _OF_EXCEL_97 = 4, 6  # bytes of the record where a content is only obfuscated
_SALT, _VERIFIER = 16, 16
_ALGORITHM_OF_40_BITS = 40


def opens_by_itself(record: bytes) -> bool:
    """Whether the content of a FILEPASS record fits the password that nobody typed."""
    return fits(record, _OPENS_BY_ITSELF)


def fits(record: bytes, password: str) -> bool:
    """Whether the content of a FILEPASS record fits a password; not if it is too short to tell."""
    try:
        kind, major = struct.unpack_from("<HH", record)
        if kind == _OBFUSCATED or len(record) == _OF_EXCEL_5:
            verifier = int.from_bytes(record[-2:], "little")
            return len(record) <= _OF_EXCEL_97 and verifier == _obfuscated_verifier(
                password.encode("latin-1", "replace")
            )
        return _fits_md5(record[6:], password) if major == 1 else _fits_sha1(record[6:], password)
    except struct.error:
        return False


def _obfuscated_verifier(password: bytes) -> int:
    verifier = 0
    for byte in reversed(bytes([len(password)]) + password):
        verifier = ((verifier >> 14 & 1) | (verifier << 1 & 0x7FFF)) ^ byte
    return verifier ^ 0xCE4B


def _fits_md5(header: bytes, password: str) -> bool:
    salt, verifier, proof = struct.unpack_from(f"{_SALT}s{_VERIFIER}s16s", header)
    start = hashlib.md5(password.encode("utf-16-le"), usedforsecurity=False).digest()[:5]
    secret = hashlib.md5((start + salt) * 16, usedforsecurity=False).digest()[:5]
    key = hashlib.md5(secret + bytes(4), usedforsecurity=False).digest()
    plain = _rc4(key, verifier + proof)
    return hashlib.md5(plain[:_VERIFIER], usedforsecurity=False).digest() == plain[_VERIFIER:]


def _fits_sha1(header: bytes, password: str) -> bool:
    (size,) = struct.unpack_from("<4xI", header)
    (bits,) = struct.unpack_from("<24xI", header)
    salt, verifier, proof = struct.unpack_from(f"<4x{_SALT}s{_VERIFIER}s4x20s", header, 8 + size)
    start = hashlib.sha1(salt + password.encode("utf-16-le"), usedforsecurity=False).digest()
    key = hashlib.sha1(start + bytes(4), usedforsecurity=False).digest()[: (bits or _ALGORITHM_OF_40_BITS) // 8]
    plain = _rc4(key.ljust(16, b"\0") if bits in (0, _ALGORITHM_OF_40_BITS) else key, verifier + proof)
    return hashlib.sha1(plain[:_VERIFIER], usedforsecurity=False).digest() == plain[_VERIFIER:]


def _rc4(key: bytes, data: bytes) -> bytes:
    """A few bytes decrypted."""
    if not key:
        return data
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
