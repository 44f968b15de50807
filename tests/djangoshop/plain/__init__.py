"""An ordinary cart and checkout, as sites have them that know nothing of a load generator: sessions, forms with
CSRF protection, a redirect after POST."""
