"""What is asked: rounds, questionnaires, indicators, frames and samples."""
