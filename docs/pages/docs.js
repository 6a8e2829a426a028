// No inline script is allowed on the page (nginx/pages.conf). validatorUrl: nobody else is shown the description.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null });
