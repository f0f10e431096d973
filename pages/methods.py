"""How is it measured, and where are the limits? Formulas, conventions, sources, data, calibration."""

from aftershock import ui

workspace, say = ui.start()
ui.methods.view()

ui.heading(say("methods.title"), say("methods.standfirst"), say)
ui.methods.contents(say)
ui.methods.formulas(say)
ui.methods.verdict(say)
ui.methods.tests(say)
ui.methods.calibration(say)
ui.methods.data(workspace, say)
ui.methods.limits(say)
