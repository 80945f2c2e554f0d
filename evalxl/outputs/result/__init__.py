"""The result workbook of one department."""
