### French.

## The page

secured_by = Sécurisé par Kassa
default_title = Finalisez votre achat
languages = Langue
terms_link = Conditions générales
privacy_link = Politique de confidentialité
support_link = Service client
opens_in_new_tab = (s’ouvre dans un nouvel onglet)

## The order

order_summary = Récapitulatif de la commande
quantity = Quantité
more_lines =
    { $count ->
        [one] Afficher { $count } ligne de plus
       *[other] Afficher { $count } lignes de plus
    }
item = Article
discount = Remise
delivery = Livraison
tax = Taxes
surcharge = Supplément
subtotal = Sous-total
including_tax = Taxes comprises
total = Total
order_number = Numéro de commande

## Ways to pay

payment_heading = Mode de paiement
pay_now = Payer maintenant
pay_later = Payer plus tard
pay_over_time = Payer en plusieurs fois
about_pay_now = Payez la totalité aujourd’hui.
about_pay_later = Payez à une date ultérieure.
about_pay_over_time = Répartissez le montant en plusieurs paiements.
about_direct_debit = Le montant est prélevé sur votre compte bancaire.
about_direct_bank_transfer = Payez directement depuis votre compte bancaire.

## The consumer's details

details_heading = Vos coordonnées
email = Adresse e-mail
one_time_code = Code à usage unique
one_time_code_hint = Six chiffres
sign_up_heading = Votre première visite
sign_up_hint = Quelques informations de plus sont nécessaires, cette fois seulement.
given_name = Prénom
family_name = Nom
date_of_birth = Date de naissance

## Buttons, and the payment form

buy = Acheter
rent = Louer
book = Réserver
subscribe = S’abonner
download = Télécharger
order = Commander
continue_purchase = Continuer
pay = Payer
processing = Traitement en cours…
script_needed = Le paiement nécessite JavaScript. Activez-le dans votre navigateur ou retournez à la boutique.
category_unavailable = Ce moyen de paiement n’est pas disponible pour cet achat. Veuillez en choisir un autre.
payment_not_finished = Le paiement n’est pas terminé. Vous pouvez réessayer.
back = Retour à la boutique
cancel = Annuler l’achat

## Errors and notices

error_prefix = Erreur :
error_summary = Veuillez vérifier les points suivants
category_not_chosen = Choisissez comment vous souhaitez payer.
email_not_readable = Saisissez une adresse e-mail, par exemple nom@example.com.
code_not_readable = Saisissez les six chiffres du code.
code_rejected = Ce code n’est pas le bon. Vérifiez-le et saisissez-le à nouveau.
given_name_missing = Saisissez votre prénom.
family_name_missing = Saisissez votre nom.
date_of_birth_not_readable = Saisissez votre date de naissance.
order_changed = La commande a changé. Veuillez vérifier le nouveau total.
expires_soon = Ce lien de paiement expire à { $time }. S’il vous faut plus de temps, demandez un nouveau lien à la boutique.
category_declined = Ce mode de paiement n’est pas disponible pour votre achat. Veuillez en choisir un autre.

## The explanation of the sandbox

sandbox_heading = Environnement de test : aucun argent réel ne circule
sandbox_code = six chiffres au choix, sauf 999999
sandbox_approves = le paiement est accepté
sandbox_declines = le paiement est refusé
sandbox_fails = le paiement se termine par une erreur technique
sandbox_signs_up = le nom et la date de naissance sont demandés

## The question before a cancellation

cancel_heading = Annuler l’achat ?
cancel_text = Rien n’a été débité. Si vous annulez, ce lien de paiement ne fonctionnera plus.
cancel_confirm = Oui, annuler l’achat
keep_paying = Poursuivre le paiement

## Outcomes

declined_heading = Le paiement a été refusé
declined_text = Rien n’a été débité. Vous pouvez réessayer ou choisir un autre mode de paiement dans la boutique.
error_heading = Un problème est survenu
error_text = Une erreur technique a interrompu le paiement. Rien n’a été débité.
confirming_heading = Votre paiement est en cours de confirmation
confirming_text = Cela peut prendre quelques minutes. Vous n’avez rien à faire. Ne payez pas une seconde fois : la boutique recevra le résultat même si vous fermez cette page.
completed_heading = Paiement confirmé
completed_text = Merci. La boutique est informée et s’occupe de la suite.
cancelled_heading = L’achat est annulé
cancelled_text = Rien n’a été débité. Vous pouvez fermer cette page.
went_back_heading = Vous avez quitté le paiement
went_back_text = Rien n’a été débité. Vous pouvez encore finaliser votre achat.
disabled_heading = Ce lien de paiement n’est plus valable
disabled_text = La boutique l’a retiré. Veuillez lui demander un nouveau lien.
expired_heading = Ce lien de paiement a expiré
expired_text = Veuillez demander un nouveau lien à la boutique.
not_found_heading = Ce lien de paiement est inconnu
not_found_text = Vérifiez que le lien est complet ou demandez-en un nouveau à la boutique.
unavailable_heading = Veuillez réessayer dans un instant
unavailable_text = La page de paiement est momentanément indisponible. Rien n’a été débité.
no_payments_heading = Cette boutique ne peut pas accepter de paiements pour le moment
no_payments_text = Rien n’a été débité. Veuillez demander à la boutique comment payer.
retry = Réessayer
continue_to_shop = Continuer vers la boutique
return_to_shop = Revenir à la boutique
moving_on = Vous allez être redirigé vers la boutique dans un instant. Si rien ne se passe, utilisez le bouton.

## In a shop with staff

id_check_heading = Veuillez présenter votre pièce d’identité
id_check_text = Présentez au personnel votre pièce d’identité et ce code. Cette page continuera d’elle-même après la vérification.
id_check_code = Code
display_heading = Scannez le code pour payer
display_text = Dirigez l’appareil photo de votre téléphone vers le code et ouvrez le lien.
status_waiting = En attente du client
status_in_progress = Le client est en train de payer
status_back = Le client a quitté le paiement
status_timed_out = Le client n’a pas terminé le paiement
staff_title = Paiement en boutique
staff_scan = Le client scanne ce code avec un téléphone et paie sur cet appareil.
staff_open_display = Ouvrir l’écran pour le client
staff_send_email = Envoyer le lien par e-mail
staff_send_sms = Envoyer le lien par SMS
phone = Numéro de téléphone
staff_send = Envoyer
staff_sent = Le lien sera envoyé dans un instant.
staff_not_sent = Le lien n’a pas été envoyé. Vérifiez l’adresse ou le numéro et, s’ils sont corrects, réessayez plus tard.
staff_id_check_heading = Vérifiez la pièce d’identité
staff_id_check_text = Comparez le code avec celui du téléphone du client. Comparez ensuite la pièce d’identité avec la personne devant vous.
staff_id_check_pass = Pièce d’identité conforme
staff_id_check_fail = Refuser le paiement
staff_id_check_over = Cette vérification est terminée. Le client peut réessayer de payer.
staff_disable = Retirer le lien
staff_disable_text = Le client ne pourra alors plus payer avec ce lien.
staff_disable_yes = Oui, retirer le lien

## Messages

message_subject = Votre achat chez { $shop }
message_text = Finalisez votre achat chez { $shop } : { $link }
