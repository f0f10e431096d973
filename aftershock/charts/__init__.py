"""Pictures: (plain data, words) -> a Vega-Lite specification or a Plotly figure. One theme, one palette."""
