"""The page: self-check for accountants, and the desk for operators; needs the extra ``serve``."""
