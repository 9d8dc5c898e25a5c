### Greek.

## The page

secured_by = Με την ασφάλεια του Kassa
default_title = Ολοκλήρωση αγοράς
languages = Γλώσσα
terms_link = Όροι και προϋποθέσεις
privacy_link = Πολιτική απορρήτου
support_link = Εξυπηρέτηση πελατών
opens_in_new_tab = (ανοίγει σε νέα καρτέλα)

## The order

order_summary = Σύνοψη παραγγελίας
quantity = Ποσότητα
more_lines =
    { $count ->
        [one] Εμφάνιση { $count } ακόμη είδους
       *[other] Εμφάνιση { $count } ακόμη ειδών
    }
item = Προϊόν
discount = Έκπτωση
delivery = Αποστολή
tax = Φόρος
surcharge = Πρόσθετη χρέωση
subtotal = Μερικό σύνολο
including_tax = Περιλαμβάνεται φόρος
total = Σύνολο
order_number = Αριθμός παραγγελίας

## Ways to pay

payment_heading = Τρόπος πληρωμής
pay_now = Πληρωμή τώρα
pay_later = Πληρωμή αργότερα
pay_over_time = Πληρωμή σε δόσεις
about_pay_now = Πληρώστε ολόκληρο το ποσό σήμερα.
about_pay_later = Πληρώστε σε μεταγενέστερη ημερομηνία.
about_pay_over_time = Μοιράστε το ποσό σε περισσότερες πληρωμές.
about_direct_debit = Το ποσό χρεώνεται στον τραπεζικό σας λογαριασμό.
about_direct_bank_transfer = Πληρώστε απευθείας από τον τραπεζικό σας λογαριασμό.

## The consumer's details

details_heading = Τα στοιχεία σας
email = Διεύθυνση email
one_time_code = Κωδικός μίας χρήσης
one_time_code_hint = Έξι ψηφία
sign_up_heading = Η πρώτη σας φορά εδώ
sign_up_hint = Χρειαζόμαστε μερικά ακόμη στοιχεία, μόνο αυτή τη φορά.
given_name = Όνομα
family_name = Επώνυμο
date_of_birth = Ημερομηνία γέννησης

## Buttons, and the payment form

buy = Αγορά
rent = Ενοικίαση
book = Κράτηση
subscribe = Συνδρομή
download = Λήψη
order = Παραγγελία
continue_purchase = Συνέχεια
pay = Πληρωμή
processing = Γίνεται επεξεργασία…
script_needed = Για την πληρωμή χρειάζεται JavaScript. Ενεργοποιήστε τη στο πρόγραμμα περιήγησης ή επιστρέψτε στο κατάστημα.
category_unavailable = Αυτός ο τρόπος πληρωμής δεν είναι διαθέσιμος για αυτή την αγορά. Επιλέξτε έναν άλλο.
payment_not_finished = Η πληρωμή δεν ολοκληρώθηκε. Μπορείτε να δοκιμάσετε ξανά.
back = Πίσω στο κατάστημα
cancel = Ακύρωση αγοράς

## Errors and notices

error_prefix = Σφάλμα:
error_summary = Ελέγξτε τα παρακάτω
category_not_chosen = Επιλέξτε πώς θέλετε να πληρώσετε.
email_not_readable = Εισαγάγετε μια διεύθυνση email, για παράδειγμα onoma@example.com.
code_not_readable = Εισαγάγετε τα έξι ψηφία του κωδικού.
code_rejected = Ο κωδικός δεν είναι σωστός. Ελέγξτε τον και εισαγάγετέ τον ξανά.
given_name_missing = Εισαγάγετε το όνομά σας.
family_name_missing = Εισαγάγετε το επώνυμό σας.
date_of_birth_not_readable = Εισαγάγετε την ημερομηνία γέννησής σας.
order_changed = Η παραγγελία άλλαξε. Ελέγξτε το νέο σύνολο.
category_declined = Αυτός ο τρόπος πληρωμής δεν είναι διαθέσιμος για την αγορά σας. Επιλέξτε έναν άλλο.

## The explanation of the sandbox

sandbox_heading = Δοκιμαστικό περιβάλλον: δεν διακινούνται πραγματικά χρήματα
sandbox_code = οποιαδήποτε έξι ψηφία, εκτός από 999999
sandbox_approves = η πληρωμή εγκρίνεται
sandbox_declines = η πληρωμή απορρίπτεται
sandbox_fails = η πληρωμή καταλήγει σε τεχνικό σφάλμα
sandbox_signs_up = ζητούνται το όνομα και η ημερομηνία γέννησης

## The question before a cancellation

cancel_heading = Ακύρωση της αγοράς;
cancel_text = Δεν έγινε καμία χρέωση. Αν ακυρώσετε, αυτός ο σύνδεσμος πληρωμής θα πάψει να λειτουργεί.
cancel_confirm = Ναι, ακύρωση της αγοράς
keep_paying = Συνέχεια της πληρωμής

## Outcomes

declined_heading = Η πληρωμή απορρίφθηκε
declined_text = Δεν έγινε καμία χρέωση. Μπορείτε να δοκιμάσετε ξανά ή να επιλέξετε άλλον τρόπο πληρωμής στο κατάστημα.
error_heading = Κάτι πήγε στραβά
error_text = Ένα τεχνικό σφάλμα διέκοψε την πληρωμή. Δεν έγινε καμία χρέωση.
confirming_heading = Η πληρωμή σας επιβεβαιώνεται
confirming_text = Αυτό μπορεί να διαρκέσει μερικά λεπτά. Δεν χρειάζεται να κάνετε κάτι. Μην πληρώσετε ξανά: το κατάστημα θα ενημερωθεί για το αποτέλεσμα ακόμη κι αν κλείσετε αυτή τη σελίδα.
completed_heading = Η πληρωμή επιβεβαιώθηκε
completed_text = Σας ευχαριστούμε. Το κατάστημα ενημερώθηκε και αναλαμβάνει τα υπόλοιπα.
cancelled_heading = Η αγορά ακυρώθηκε
cancelled_text = Δεν έγινε καμία χρέωση. Μπορείτε να κλείσετε αυτή τη σελίδα.
went_back_heading = Αποχωρήσατε από την πληρωμή
went_back_text = Δεν έγινε καμία χρέωση. Μπορείτε ακόμη να ολοκληρώσετε την αγορά σας.
disabled_heading = Αυτός ο σύνδεσμος πληρωμής δεν ισχύει πλέον
disabled_text = Το κατάστημα τον απέσυρε. Ζητήστε από το κατάστημα νέο σύνδεσμο.
expired_heading = Αυτός ο σύνδεσμος πληρωμής έληξε
expired_text = Ζητήστε από το κατάστημα νέο σύνδεσμο.
not_found_heading = Δεν βρέθηκε αυτός ο σύνδεσμος πληρωμής
not_found_text = Βεβαιωθείτε ότι αντιγράψατε ολόκληρο τον σύνδεσμο ή ζητήστε νέο από το κατάστημα.
unavailable_heading = Δοκιμάστε ξανά σε λίγο
unavailable_text = Η σελίδα πληρωμής δεν είναι προσωρινά διαθέσιμη. Δεν έγινε καμία χρέωση.
no_payments_heading = Αυτό το κατάστημα δεν μπορεί να δεχτεί πληρωμές αυτή τη στιγμή
no_payments_text = Δεν έγινε καμία χρέωση. Ρωτήστε το κατάστημα πώς μπορείτε να πληρώσετε.
retry = Δοκιμή ξανά
continue_to_shop = Συνέχεια στο κατάστημα
return_to_shop = Επιστροφή στο κατάστημα
moving_on = Σε λίγο θα επιστρέψετε στο κατάστημα. Αν δεν συμβεί τίποτα, χρησιμοποιήστε το κουμπί.

## Messages

message_subject = Η αγορά σας: { $shop }
message_text = Ολοκληρώστε την αγορά σας ({ $shop }): { $link }
