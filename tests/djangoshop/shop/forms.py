"""What a shopper fills in."""

from django import forms


class PurchaseForm(forms.Form):
    """The purchase form of a product's details page."""

    email = forms.EmailField()
    repeat_email = forms.EmailField()
    quantity = forms.IntegerField(min_value=1, max_value=2**31 - 1, initial=1)

    def clean(self):
        """Both addresses must be the same."""
        fields = super().clean()
        if {"email", "repeat_email"} <= fields.keys() and fields["email"] != fields["repeat_email"]:
            self.add_error("repeat_email", "The two addresses differ.")
        return fields

    def error_msg(self):
        """All that is wrong, in one line."""
        return " ".join(f"{field}: {' '.join(texts)}" for field, texts in self.errors.items())
