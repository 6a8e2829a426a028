// No inline script is allowed on the page (nginx/pages.conf).
Redoc.init("/openapi.json", { expandResponses: "200" }, document.getElementById("page"));
