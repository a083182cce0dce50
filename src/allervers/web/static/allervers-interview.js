// The interview answers without leaving the page. Every page works without it.
"use strict";
