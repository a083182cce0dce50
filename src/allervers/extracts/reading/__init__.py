"""Tables as partners send them (CSV, XLSX, Parquet) into rows of text with their line. Knows no format of ours."""
