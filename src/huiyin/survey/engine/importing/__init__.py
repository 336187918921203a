"""From a workbook to a questionnaire: read with places, checked whole, then handed to pyxform."""
