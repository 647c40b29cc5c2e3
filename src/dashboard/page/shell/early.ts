import { applyTheme, chosenTheme } from './theme'

applyTheme(chosenTheme())
